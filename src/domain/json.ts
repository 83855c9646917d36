/** A JSON value, as RFC 8259 has it. Numbers are IEEE doubles; NUL and lone surrogates are refused at the door. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** A JSON object; `undefined` never stands for a missing key. */
export type JsonObject = { [key: string]: Json }
