import { Field, ID, InterfaceType } from 'type-graphql'
import { Access } from './access-rule.js'

/** The interface of everything with an id of its own; object classes name it in `implements`. */
@Access('signedIn')
@InterfaceType({ description: 'Anything with an id of its own; node(id) finds it again.' })
export abstract class Node {
  @Access('signedIn')
  @Field(() => ID, { description: 'A TypeID, the same everywhere: its prefix names the noun.' })
  id!: string
}
