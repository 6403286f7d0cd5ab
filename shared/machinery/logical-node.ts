import type { Node } from '../api/core.ts'
import { parseQuantity } from './quantity.ts'

/**
 * What a Node object says of how its cluster runs it. Nodes beside the first one are asked for by creating such objects,
 * so they are there again whenever the engine is.
 */
export const nodeAnnotations = {
  /** `docker` or `simulated`: a node that the engine runs because its object is there. */
  runtime: 'podbay.io/runtime',
  /** e.g. `cpu=8,memory=32Gi`: what it has, in place of what its engine has. */
  capacity: 'podbay.io/capacity',
  /** `true`: it is switched off. */
  stopped: 'podbay.io/stopped',
} as const

/** How pods on a simulated node behave: on the Node for all of them, on a pod for that pod. */
export const simulationAnnotations = {
  /** How long a pod takes to start, as a Go duration. */
  startTime: 'podbay.io/start-time',
  /** After how long a container ends by itself, as a Go duration; without it, it runs until it is stopped. */
  runTime: 'podbay.io/run-time',
  /** Which share of the containers ends with exit code 1: from 0 to 1. */
  failureRate: 'podbay.io/failure-rate',
} as const

/** What a Node object asks of the engine. */
export interface LogicalNode {
  runtime: 'docker' | 'simulated'
  /** Quantities by resource; what is left out is the engine's. */
  capacity: Record<string, string>
}

/** How the engine is to run a node; undefined if it is none of its. Throws an Error that names the annotation at fault. */
export function logicalNode({ metadata }: Node): LogicalNode | undefined {
  const runtime = metadata.annotations?.[nodeAnnotations.runtime]
  if (runtime === undefined) return undefined
  if (runtime !== 'docker' && runtime !== 'simulated')
    throw new Error(`${nodeAnnotations.runtime}: "${runtime}" must be docker or simulated`)
  return { runtime, capacity: readCapacity(metadata.annotations?.[nodeAnnotations.capacity] ?? '') }
}

/** Whether a node is switched off. */
export const isStopped = ({ metadata }: Node): boolean => metadata.annotations?.[nodeAnnotations.stopped] === 'true'

function readCapacity(text: string): Record<string, string> {
  const pairs = text.split(',').filter(part => part !== '')
  return Object.fromEntries(
    pairs.map(pair => {
      const [name = '', quantity = '', ...rest] = pair.split('=')
      const wrong = (why: string) => new Error(`${nodeAnnotations.capacity}: "${pair}" ${why}`)
      if (name === '' || rest.length > 0) throw wrong('must be a resource and a quantity such as cpu=8')
      try {
        if (parseQuantity(quantity).nanos < 0n) throw new Error('must not be negative')
      } catch (error) {
        throw wrong(error instanceof Error ? error.message : String(error))
      }
      return [name, quantity]
    }),
  )
}
