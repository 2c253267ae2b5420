import { defineConfig } from 'vitest/config';

// Libraries are entered by their source, in the tests' own process and in the worker threads that they start.
// No 'import': Vitest hands these on to Node, where they would hold for CommonJS too.
const source = ['source', 'node', 'module', 'default'];

export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    include: ['{apps,libs,test,contracts}/**/*.spec.ts'],
    pool: 'forks',
    // Vitest leaves one core free; on two cores that would be half of them.
    maxWorkers: '100%',
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { shuffle: { files: false, tests: true } },
    coverage: { provider: 'v8', reporter: ['text-summary', 'text'] },
  },
});
