/**
 * What became of the tests, from Vitest's JSON report and its exit code. What fails outside of a test counts as one
 * failed test: a file that can't be loaded or cleaned up after, an error nobody caught (of which the report is silent).
 */
export function countTests(report, exitCode, say) {
  const isFailed = ({ status }) => status === 'failed'
  const broken = report.testResults.filter(file => isFailed(file) && !file.assertionResults.some(isFailed))
  for (const file of broken) say(`${file.name} failed outside of its tests: ${file.message || 'see above'}`)
  const failed = report.numFailedTests + broken.length
  const uncaught = failed === 0 && exitCode !== 0
  if (uncaught) say(`Vitest ended with ${exitCode}: something failed outside of the tests, see above`)
  return {
    passed: report.numPassedTests,
    failed: uncaught ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
