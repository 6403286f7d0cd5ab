import { computed } from 'vue'
import { objects } from '../live/cluster-model.ts'
import { findProblems } from '../problems.ts'
import { useSession } from '../session.ts'
import { useNamespaces } from './use-namespaces.ts'
import { useStatus } from './use-status.ts'

/** What is wrong in the namespaces the user looks at, and how many of each urgency. */
export function useProblems() {
  const { model } = useSession()
  const { evidence } = useStatus()
  const { inNamespaces } = useNamespaces()
  const problems = computed(() =>
    findProblems(
      {
        deployments: objects(model.deployments).filter(inNamespaces),
        pods: objects(model.pods).filter(inNamespaces),
        services: objects(model.services).filter(inNamespaces),
        nodes: objects(model.nodes),
      },
      evidence.value,
    ),
  )
  const counts = computed(() =>
    (['err', 'warn'] as const).flatMap(mark => {
      const n = problems.value.filter(problem => problem.mark === mark).length
      return n > 0 ? [[mark, n] as const] : []
    }),
  )
  return { problems, counts }
}
