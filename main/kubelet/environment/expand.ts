/**
 * Replaces `$(NAME)` by its value; `$$` gives `$`, and a reference to an unknown name stays as it is
 * (k8s.io/kubernetes/third_party/forked/golang/expansion).
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\)|[\s\S])/g, (whole, name: string | undefined) => {
    if (name !== undefined) return valueOf(name) ?? whole
    return whole === '$$' ? '$' : whole
  })
}
