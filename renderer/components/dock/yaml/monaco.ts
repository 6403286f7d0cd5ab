import 'monaco-editor/features/bracketMatching/register'
import 'monaco-editor/features/clipboard/register'
import 'monaco-editor/features/contextmenu/register'
import 'monaco-editor/features/diffEditor/register'
import 'monaco-editor/features/find/register'
import 'monaco-editor/features/folding/register'
import 'monaco-editor/features/gotoError/register'
import 'monaco-editor/features/hover/register'
import 'monaco-editor/features/indentation/register'
import 'monaco-editor/features/linesOperations/register'
import 'monaco-editor/features/multicursor/register'
import 'monaco-editor/features/suggest/register'
import 'monaco-editor/features/toggleTabFocusMode/register'
import 'monaco-editor/features/wordHighlighter/register'
import 'monaco-editor/features/wordOperations/register'
import 'monaco-editor/languages/definitions/yaml/register'
import * as monaco from 'monaco-editor/editor/editor.api'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import { onThemeChange, readTokens } from '../theme.ts'

/** Monaco with what a YAML editor needs; loaded with the first editor. Its worker is a file of the window's own. */
self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

export { monaco }

export const editorOptions = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 12,
  lineHeight: 20,
  fontLigatures: false,
  tabSize: 2,
  insertSpaces: true,
  detectIndentation: false,
  scrollBeyondLastLine: false,
  renderWhitespace: 'none',
  fixedOverflowWidgets: true,
  stickyScroll: { enabled: false },
  // Brackets are rare in YAML: in colours they would look like a mistake.
  bracketPairColorization: { enabled: false },
  // Object text is hostile: what looks like a link in it is none.
  links: false,
  'semanticHighlighting.enabled': false,
} satisfies monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions

/** Gives Monaco the window's colours and keeps them so until the signal aborts. */
export function useWindowTheme(element: HTMLElement, signal: AbortSignal): void {
  const apply = () => {
    const names = [
      'bg-main',
      'bg-raised',
      'bg-select',
      'bg-hover',
      'text',
      'text-2',
      'text-3',
      'line',
      'line-strong',
      'accent',
      'syn-key',
      'syn-str',
      'syn-num',
      'ok-bg',
      'err-bg',
    ] as const
    const tokens = readTokens(element, names)
    const rule = (token: string, colour: string) => ({ token, foreground: colour.slice(1) })
    monaco.editor.defineTheme('podbay', {
      base: isDark(tokens['bg-main']) ? 'vs-dark' : 'vs',
      inherit: true,
      rules: [
        rule('type', tokens['syn-key']),
        rule('string', tokens['syn-str']),
        rule('number', tokens['syn-num']),
        rule('keyword', tokens['syn-num']),
        rule('comment', tokens['text-3']),
        rule('', tokens.text),
      ],
      colors: {
        'editor.background': tokens['bg-main'],
        'editor.foreground': tokens.text,
        'editorLineNumber.foreground': tokens['text-3'],
        'editorLineNumber.activeForeground': tokens.text,
        'editor.selectionBackground': tokens['bg-select'],
        'editor.lineHighlightBackground': tokens['bg-hover'],
        'editor.lineHighlightBorder': tokens['bg-hover'],
        'editorWidget.background': tokens['bg-raised'],
        'editorWidget.border': tokens['line-strong'],
        'editorIndentGuide.background1': tokens.line,
        'diffEditor.insertedLineBackground': tokens['ok-bg'],
        'diffEditor.removedLineBackground': tokens['err-bg'],
        focusBorder: tokens.accent,
      },
    })
    monaco.editor.setTheme('podbay')
  }
  apply()
  onThemeChange(apply, signal)
}

/** By the red, green and blue of `#rrggbb`. */
function isDark(hex: string): boolean {
  return [1, 3, 5].reduce((sum, at) => sum + Number.parseInt(hex.slice(at, at + 2), 16), 0) < 384
}
