import {
  any,
  count,
  double,
  each,
  either,
  encode,
  flag,
  map,
  message,
  text,
  wrapped,
  type Field,
} from './protobuf-writer.ts'

/**
 * An OpenAPI v2 document as gnostic's message openapi.v2.Document, the form that kubectl asks for. The numbers, and the
 * wrappers that the JSON lacks, are those of gnostic-models/openapiv2/OpenAPIv2.proto.
 */
export function openApiV2Message(document: unknown): Buffer {
  return encode(
    {
      swagger: [1, text],
      info: [2, message({ title: [1, text], version: [2, text] })],
      paths: [8, map(2, pathItem)],
      definitions: [9, map(1, schema)],
    },
    document,
  )
}

/** Declared as a function, since a schema is made of schemas. */
function schema(number: number, value: unknown): Buffer {
  return schemaMessage(number, value)
}

const schemaMessage = message(
  {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, count],
    minLength: [12, count],
    pattern: [13, text],
    maxItems: [14, count],
    minItems: [15, count],
    uniqueItems: [16, flag],
    maxProperties: [17, count],
    minProperties: [18, count],
    required: [19, each(text)],
    enum: [20, each(any)],
    additionalProperties: [21, either(value => (typeof value === 'boolean' ? wrapped(2, flag) : wrapped(1, schema)))],
    type: [22, wrapped(1, each(text))],
    items: [23, wrapped(1, each(schema))],
    allOf: [24, each(schema)],
    properties: [25, map(1, schema)],
    example: [30, any],
  },
  31,
)

const bodyParameter = message({ name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] }, 6)

const queryParameter = message(
  { required: [1, flag], in: [2, text], name: [4, text], type: [6, text], uniqueItems: [20, flag] },
  23,
)

const pathParameter = message(
  { required: [1, flag], in: [2, text], name: [4, text], type: [5, text], uniqueItems: [19, flag] },
  22,
)

/** ParametersItem { parameter: Parameter { one of body, nonBody { one of …, query, path } } }. */
const parameter = wrapped(
  1,
  either(value => {
    const place = (value as { in: string }).in
    if (place === 'body') return wrapped(1, bodyParameter)
    return wrapped(2, place === 'query' ? wrapped(3, queryParameter) : wrapped(4, pathParameter))
  }),
)

const response = message({ description: [1, text], schema: [2, wrapped(1, schema)] }, 5)

const operation: Field = message(
  {
    description: [3, text],
    operationId: [5, text],
    produces: [6, each(text)],
    consumes: [7, each(text)],
    parameters: [8, each(parameter)],
    responses: [9, map(1, wrapped(1, response))],
    schemes: [10, each(text)],
  },
  13,
)

const pathItem = message({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
})
