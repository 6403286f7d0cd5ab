import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { isList, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>
type Rules = NonNullable<Behavior['scaleUp']>

/** The behaviour as upstream writes it into its annotation: its internal type, whose fields have no JSON names. */
export function goBehavior({ scaleUp, scaleDown }: Behavior): JsonObject {
  return { ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) }
}

function goRules(rules: Rules | undefined): JsonObject | null {
  if (!rules) return null
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies:
      rules.policies?.map(({ type, value, periodSeconds }) => ({
        Type: type,
        Value: value,
        PeriodSeconds: periodSeconds,
      })) ?? null,
    Tolerance: rules.tolerance ?? null,
  }
}

/** The reverse. Go takes the names in any case. */
export function readGoBehavior(value: unknown): Behavior | undefined {
  const behavior = lowerFirst(value) as Behavior | undefined
  return behavior && (behavior.scaleUp || behavior.scaleDown) ? behavior : undefined
}

function lowerFirst(value: unknown): unknown {
  if (isList(value)) return value.map(lowerFirst)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    entries.map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), lowerFirst(member)]),
  )
}
