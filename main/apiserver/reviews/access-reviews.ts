import type {
  LocalSubjectAccessReview,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
} from '../../../shared/api/authorization.ts'
import { parseFieldSelector, parseLabelSelector } from '../../../shared/machinery/selectors.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { Authorization } from '../authz/authorization.ts'
import { nodeNameOf } from '../authz/node.ts'
import { rulesFor } from '../authz/rbac.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import type { Act } from '../subresources/subresource.ts'
import { review } from './review.ts'

type Spec = SelfSubjectAccessReview['spec']

/** SubjectAccessReview and LocalSubjectAccessReview: whether anyone may do something (pkg/registry/authorization). */
export function reviewSubject(authorization: Authorization): Act {
  return review<SubjectAccessReview | LocalSubjectAccessReview>(async object => {
    const { user = '', uid, groups = [], extra } = object.spec
    const subject: UserInfo = { name: user, groups, ...(uid && { uid }), ...(extra && { extra }) }
    return { ...object, status: await statusOf(authorization, subject, object.spec) }
  })
}

/** SelfSubjectAccessReview: whether the one who asks may do something. */
export function reviewSelf(authorization: Authorization): Act {
  return review<SelfSubjectAccessReview>(async (object, { context }) => ({
    ...object,
    status: await statusOf(authorization, context.user, object.spec),
  }))
}

/** SelfSubjectRulesReview: all that the one who asks may do in a namespace. The question is not repeated, as upstream. */
export function reviewRules(authorization: Authorization): Act {
  return review<SelfSubjectRulesReview>(async ({ apiVersion, kind, spec }, { context: { user } }) => {
    const { namespace = '' } = spec
    if (namespace === '') throw badRequest('no namespace on request')
    const { rules, error } = rulesFor(await authorization.policy(), user, namespace)
    const isNode = nodeNameOf(user) !== undefined
    const errors = [isNode ? 'node authorizer does not support user rule resolution' : '', error].filter(Boolean)
    return {
      kind,
      apiVersion,
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules
          .filter(({ resources = [] }) => resources.length > 0)
          .map(({ verbs, apiGroups, resources, resourceNames }) => ({
            verbs,
            apiGroups,
            resources,
            ...(resourceNames && { resourceNames }),
          })),
        nonResourceRules: rules
          .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
          .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        incomplete: isNode,
        ...(errors.length > 0 && { evaluationError: errors.join(', ') }),
      },
    }
  })
}

async function statusOf(authorization: Authorization, user: UserInfo, spec: Spec): Promise<SubjectAccessReviewStatus> {
  const { allowed, reason } = await authorization.authorize(user, attributesOf(spec))
  const evaluationError = selectorFaults(spec.resourceAttributes).join('; ')
  return { allowed, ...(reason && { reason }), ...(evaluationError && { evaluationError }) }
}

/** What a review asks about, as the request would look. */
function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec): RequestInfo {
  const { verb = '', group = '', version, namespace = '', resource = '' } = resourceAttributes ?? {}
  const { subresource = '', name = '', fieldSelector } = resourceAttributes ?? {}
  return {
    isResource: resourceAttributes !== undefined,
    path: nonResourceAttributes?.path ?? '',
    verb: resourceAttributes ? verb : (nonResourceAttributes?.verb ?? ''),
    group,
    version: version || '*',
    namespace,
    resource,
    subresource,
    name,
    rest: '',
    fieldSelector: fieldSelector?.rawSelector || termsOf(fieldSelector?.requirements ?? []),
  }
}

type Requirements = NonNullable<NonNullable<ResourceAttributes['fieldSelector']>['requirements']>

/** Those that field selectors can say; others make the question wider. */
function termsOf(requirements: Requirements): string {
  const terms = requirements.map(({ key, operator, values = [] }) => {
    const [value] = values
    if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return undefined
    return `${key}${operator === 'In' ? '=' : '!='}${value ?? ''}`
  })
  return terms.filter(term => term !== undefined).join(',')
}

/** What could not be understood of the selectors and was left out (pkg/registry/authorization/util). */
function selectorFaults(attributes: ResourceAttributes | undefined): string[] {
  const { fieldSelector, labelSelector } = attributes ?? {}
  const path = 'spec.resourceAttributes'
  const said = (field: string, known: number) =>
    `${path}.${field} ${known > 0 ? 'partially ' : ''}ignored due to parse error`
  const fields = fieldSelector?.requirements ?? []
  const labels = labelSelector?.requirements ?? []
  const knownFields = fields.filter(
    ({ operator, values = [] }) => ['In', 'NotIn'].includes(operator) && values.length === 1,
  )
  const knownLabels = labels.filter(({ operator }) => ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator))
  return [
    ...(knownFields.length < fields.length || !parses(parseFieldSelector, fieldSelector?.rawSelector)
      ? [said('fieldSelector', knownFields.length)]
      : []),
    ...(knownLabels.length < labels.length || !parses(parseLabelSelector, labelSelector?.rawSelector)
      ? [said('labelSelector', knownLabels.length)]
      : []),
  ]
}

function parses(parse: (text: string) => unknown, text = ''): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
