import type { Ingress } from '../../../shared/api/networking.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'
import type { DefaultClasses } from './default-classes.ts'

const classAnnotation = 'kubernetes.io/ingress.class'

/** Gives Ingresses that name no class the default one (plugin/pkg/admission/network/defaultingressclass). */
export function defaultIngressClass(classes: Pick<DefaultClasses, 'ingress'>): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    async mutate(request) {
      if (request.operation !== 'CREATE' || !concerns(request, 'networking.k8s.io', 'ingresses') || !request.object)
        return undefined
      const { metadata, spec } = request.object as Ingress
      if (spec.ingressClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return undefined
      const [chosen] = await classes.ingress.all()
      if (chosen) spec.ingressClassName = chosen.metadata.name
      return undefined
    },
  }
}
