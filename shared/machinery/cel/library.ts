import { functionsOf, type Functions } from './functions.ts'
import { authorizers } from './lib/authorizer.ts'
import { conversions } from './lib/conversions.ts'
import { formatLibrary } from './lib/formats.ts'
import { lists } from './lib/lists.ts'
import { network } from './lib/network.ts'
import { operators } from './lib/operators.ts'
import { quantities } from './lib/quantities.ts'
import { regex } from './lib/regex.ts'
import { semvers } from './lib/semver.ts'
import { strings } from './lib/strings.ts'
import { time } from './lib/time.ts'
import { urls } from './lib/urls.ts'

let base: Functions | undefined

/** The functions of every expression in Kubernetes 1.36 (apiserver/pkg/cel/environment/base.go), read on first use. */
export function baseFunctions(): Functions {
  base ??= functionsOf([
    operators,
    conversions,
    time,
    strings,
    regex,
    lists,
    urls,
    quantities,
    network,
    formatLibrary,
    semvers,
    authorizers,
  ])
  return base
}
