/** What only the holder of the cluster's keys can do; the API server, which holds them, is passed in as one. */
export interface Signer {
  /** A token that is good as long as it stands in its Secret. */
  token(wanted: { account: { namespace: string; name: string; uid: string }; secret: string }): Promise<string>
  /** A certificate of the cluster's CA for a PKCS #10 request; both PEM. `duration` is milliseconds. */
  certificate(wanted: { request: string; usages: readonly string[]; duration: number }): Promise<string>
}
