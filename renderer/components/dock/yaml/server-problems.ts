import { StatusError } from '../../../../shared/machinery/status.ts'
import type { Problem, YamlObject } from './documents.ts'

/** What the server says against an object, each at the line of its field. */
export function serverProblems(error: unknown, object: YamlObject): Problem[] {
  const problem = (message: string, field: string): Problem => ({ message, ...object.locate(field) })
  if (!(error instanceof StatusError)) return [problem(error instanceof Error ? error.message : String(error), '')]
  const causes = error.status.details?.causes ?? []
  const withField = causes.filter(({ field }) => field !== undefined && field !== '')
  if (withField.length > 0) return withField.map(({ message = '', field = '' }) => problem(message, field))
  const strict = strictFields(error.message)
  if (strict.length > 0) return strict.map(({ message, field }) => problem(message, field))
  return [problem(error.message, wrongType(error.message))]
}

/**
 * The field of a value of the wrong type, also in words only: `json: cannot unmarshal string into Go struct field
 * DeploymentSpec.spec.replicas of type int32` (encoding/json UnmarshalTypeError). It names no places in lists.
 */
function wrongType(text: string): string {
  return /Go struct field \w+\.(\S+) of type /.exec(text)?.[1] ?? ''
}

/**
 * Unknown and duplicate fields of strict decoding come as words only: `strict decoding error: unknown field
 * "spec.foo", duplicate field "spec.bar"` (apimachinery runtime.strictDecodingError); the Status has no causes.
 */
function strictFields(text: string): { message: string; field: string }[] {
  return [...text.matchAll(/((?:unknown|duplicate) field) "([^"]+)"/g)].map(([, what = '', field = '']) => ({
    message: `${what} "${field}"`,
    field,
  }))
}
