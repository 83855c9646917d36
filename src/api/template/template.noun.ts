import type { Noun } from '../noun.js'
import { templatesOf } from './load-templates.js'
import { TemplateResolver } from './template.resolver.js'

export const templateNoun: Noun = {
  resolvers: [TemplateResolver],
  nodes: [{ prefix: 'template', typeName: 'Template', load: templatesOf }],
}
