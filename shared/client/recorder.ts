import type { KubeObject } from '../api/object.ts'

/**
 * Writes Events about objects, merging repeats into one with a count and dropping floods, as client-go's
 * EventCorrelator does. Never throws and never waits: losing an Event is better than failing the work.
 */
export interface EventRecorder {
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, options?: EventOptions): void
}

interface EventOptions {
  /** The part of the object that is meant, for `involvedObject.fieldPath`: `spec.containers{web}`. */
  fieldPath?: string
  /** Of the Event. Repeats keep those of the first. */
  annotations?: Record<string, string>
}
