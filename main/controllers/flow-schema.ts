import { flowSchemas, priorityLevelConfigurations } from '../../shared/api/flowcontrol.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { toTime } from '../../shared/machinery/clock.ts'

/**
 * Says in a FlowSchema's status whether its priority level is missing
 * (apiserver/pkg/util/flowcontrol/apf_controller.go, presyncFlowSchemaStatus).
 */
export const flowSchemaController: Controller = {
  name: 'flow-schema-controller',
  watches: [
    each(flowSchemas),
    mapped(priorityLevelConfigurations, ({ metadata: { name } }, informers) =>
      informers
        .informer(flowSchemas)
        .list()
        .filter(({ spec }) => spec.priorityLevelConfiguration.name === name)
        .map(schema => ({ namespace: '', name: schema.metadata.name })),
    ),
  ],

  async reconcile(key, { client, informers, clock }) {
    const schema = informers.informer(flowSchemas).get(key)
    if (!schema) return
    const { name } = schema.spec.priorityLevelConfiguration
    const level = informers.informer(priorityLevelConfigurations).get({ namespace: '', name })
    const [status, reason, ending] = level
      ? ['False', 'Found', 'and it exists']
      : ['True', 'NotFound', 'but there is no such object']
    const message = `This FlowSchema references the PriorityLevelConfiguration object named "${name}" ${ending}`
    const known = schema.status?.conditions ?? []
    const before = known.find(({ type }) => type === 'Dangling')
    if (before?.status === status && before.reason === reason && before.message === message) return
    const condition = { type: 'Dangling', status, reason, message, lastTransitionTime: toTime(clock.now()) }
    const conditions = [...known.filter(({ type }) => type !== 'Dangling'), condition]
    await client.update(flowSchemas, { ...schema, status: { conditions } }, 'status')
  },
}
