import type { ResourceRef } from '../../shared/api/ref.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import {
  alreadyExists,
  conflict,
  expired,
  internalError,
  notFound,
  StatusError,
} from '../../shared/machinery/status.ts'
import { StoreError } from '../store/store.ts'

/** Upstream's words for a lost update (apiserver/pkg/registry/generic/registry/store.go). */
export const modified = 'the object has been modified; please apply your changes to the latest version and try again'
const tooOld = 'The provided resource version is too old.'

interface About {
  ref?: ResourceRef | undefined
  log: Logger
}

/**
 * The one conversion of errors to what a client sees (upstream's ErrorToAPIStatus): StatusErrors as they are, the
 * store's four codes in upstream's words, everything else a logged 500.
 */
export function toStatus(error: unknown, { ref, log }: About): StatusError {
  if (error instanceof StatusError) return error
  if (error instanceof StoreError) {
    const subject = { group: ref?.group ?? '', resource: ref?.resource ?? '', name: nameIn(error.key) }
    switch (error.code) {
      case 'notFound':
        return notFound(subject)
      case 'alreadyExists':
        return alreadyExists(subject)
      case 'conflict':
        return conflict(subject, modified)
      case 'compacted':
        return expired(tooOld)
    }
  }
  log.error('Request failed unexpectedly', {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return internalError(error instanceof Error ? error.message : 'unknown error')
}

/** The last part of a store key. */
const nameIn = (key: string) => key.slice(key.lastIndexOf('/') + 1)
