import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** A moment, as RFC 3339 has it; in with any offset, out in UTC with milliseconds. Years 0001 to 9999. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment in UTC, as RFC 3339 writes it: 2026-11-22T09:30:00.000Z.',
  serialize: (value) => {
    const time = value instanceof Date ? value : new Date(value as string)
    return time.toISOString()
  },
  parseValue: (value) => timeOf(value),
  parseLiteral: (node) => timeOf(node.kind === Kind.STRING ? node.value : null),
})

function timeOf(value: unknown): Date {
  const refused = new GraphQLError('DateTime must be a moment as RFC 3339 writes it, like 2026-11-22T09:30:00Z')
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null
  if (match === null) throw refused
  const [, year, month, day, hour, minute, second, , , offsetHour = '0', offsetMinute = '0'] = match
  const isRight =
    Number(year) >= 1 &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= daysOf(Number(year), Number(month)) &&
    [hour, minute, second].every((part, index) => Number(part) <= ([23, 59, 59][index] as number)) &&
    Number(offsetHour) <= 23 &&
    Number(offsetMinute) <= 59
  if (!isRight) throw refused
  const time = new Date((value as string).toUpperCase().replace(' ', 'T'))
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) throw refused
  return time
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** The number of an event, as a decimal string; 0 stands before the first. In TypeScript a number. */
export const PositionScalar = new GraphQLScalarType<number, string>({
  name: 'Position',
  description: 'A decimal string: the number of an event in the journal, 1, 2, 3 ... without a hole.',
  serialize: (value) => decimalText(value, 'Position'),
  parseValue: (value) => wholeNumber(value, 'Position', /^(0|[1-9]\d{0,15})$/),
  parseLiteral: (node) => wholeNumber(literal(node), 'Position', /^(0|[1-9]\d{0,15})$/),
})

/** A whole number as a decimal string, within 2^53 either way. In TypeScript a number. */
export const BigIntScalar = new GraphQLScalarType<number, string>({
  name: 'BigInt',
  description: 'A whole number that can exceed 32 bits, as a decimal string.',
  serialize: (value) => decimalText(value, 'BigInt'),
  parseValue: (value) => wholeNumber(value, 'BigInt', /^(0|-?[1-9]\d{0,15})$/),
  parseLiteral: (node) => wholeNumber(literal(node), 'BigInt', /^(0|-?[1-9]\d{0,15})$/),
})

function literal(node: ValueNode): string | null {
  return node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : null
}

function wholeNumber(value: unknown, scalar: string, form: RegExp): number {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  const number = typeof text === 'string' && form.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new GraphQLError(`${scalar} must be a whole number in decimal digits`)
  return number
}

function decimalText(value: unknown, scalar: string): string {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  throw new GraphQLError(`${scalar} cannot be made of ${typeof value}`)
}
