import type { StatusCause } from '../../../shared/api/object.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'

/** A value, and the one that it replaces: `old` is undefined for a creation. */
export interface RuleInput {
  value: unknown
  old: unknown
  /** Where the value is: '' for an object. */
  path: string
}

/**
 * The rules of schemas (x-kubernetes-validations), which are in CEL. The server passes the compiler in; schemas reach it
 * when everything else about them is right.
 */
export interface SchemaRules {
  /**
   * What is wrong with the rules of a version's schema: syntax, types, estimated costs, oldSelf where values can't be told
   * apart. `path` is the schema's; `old` the schema that it replaces, whose rules may stay as they are.
   */
  check(schema: Schema, path: string, old?: Schema): StatusCause[]
  /** Evaluates the rules of a schema; undefined if it has none. */
  compile(schema: Schema): ((input: RuleInput) => StatusCause[]) | undefined
}

/** For servers without CEL: every rule is good and holds. */
export const noRules: SchemaRules = { check: () => [], compile: () => undefined }
