import { issuer } from '../authn/service-account-tokens.ts'
import { json, valueBody, type ServerResponse } from '../request.ts'

export const openIdPaths = { configuration: '/.well-known/openid-configuration', keys: '/openid/v1/jwks' }

/** So long others may keep what they have read (pkg/routes/openidmetadata.go). */
const headers = { 'cache-control': 'public, max-age=3600' }

/**
 * How programs outside of the cluster come to trust its service-account tokens (KEP-1393). The keys are named by the
 * issuer's own address, under which pods reach the API server.
 */
export function answerOpenIdConfiguration(): ServerResponse {
  const configuration = {
    issuer,
    jwks_uri: `${issuer}${openIdPaths.keys}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
  return { status: 200, headers: { ...headers, 'content-type': json }, body: valueBody(configuration) }
}

/** The public keys of service-account tokens (RFC 7517). */
export function answerKeys(keys: object): ServerResponse {
  return { status: 200, headers: { ...headers, 'content-type': 'application/jwk-set+json' }, body: valueBody(keys) }
}
