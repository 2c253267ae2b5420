// The import table of ARCHITECTURE.md, kept by a machine. Each entry: a library and what it may import of ours.
const mayImport = {
  fault: [],
  random: [],
  protocol: [],
  wire: ['protocol', 'fault'],
  ports: ['protocol', 'wire', 'fault'],
  data: ['random', 'fault'],
  learning: ['protocol', 'random', 'data', 'fault'],
  node: ['protocol', 'ports', 'wire', 'learning', 'data', 'random', 'fault'],
  simulation: ['protocol', 'ports', 'wire', 'node', 'learning', 'data', 'experiment', 'random', 'fault'],
  nats: ['protocol', 'ports', 'wire', 'fault'],
  bullmq: ['ports', 'wire', 'fault'],
  evm: ['ports', 'wire', 'protocol', 'fault'],
  experiment: ['protocol', 'wire', 'learning', 'data', 'random', 'fault'],
  verify: [
    'protocol',
    'ports',
    'wire',
    'node',
    'learning',
    'data',
    'experiment',
    'simulation',
    'random',
    'fault',
  ],
  config: ['fault'],
  observe: ['wire', 'ports', 'fault'],
};

// Tests and what only they use, which is not built.
const spec = '[.](spec|fixture)[.]ts$';

const libraries = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `libs-${name}`,
  comment: `libs/${name} may import ${allowed.join(', ') || 'no other library'}; see ARCHITECTURE.md`,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: spec },
  to: { path: '^(libs|apps)/', pathNot: `^libs/(${[name, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...libraries,
    {
      name: 'protocol-is-pure',
      comment: 'the protocol is a value: it imports nothing at all',
      severity: 'error',
      from: { path: '^libs/protocol/', pathNot: spec },
      to: { pathNot: '^libs/protocol/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'library-by-its-index',
      comment: 'a library is entered by its index.ts',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: ['^$1/$2/', '^libs/[^/]+/src/index[.]ts$'] },
    },
    {
      name: 'apps-are-apart',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'tensors-in-learning',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/learning/' },
      to: { path: 'node_modules/(onnxruntime|@tensorflow)' },
    },
    {
      name: 'ethers-in-evm',
      comment: 'ethers only in evm, and its hashing in wire',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/(evm|wire)/' },
      to: { path: 'node_modules/ethers' },
    },
    {
      name: 'testkit-in-tests',
      severity: 'error',
      from: { pathNot: `${spec}|^(test|bench)/|^libs/testkit/` },
      to: { path: '^libs/testkit/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|[.]node|contracts/(artifacts|cache))/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
