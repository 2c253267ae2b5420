import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.node/',
      'coverage/',
      'runs/',
      'contracts/artifacts/',
      'contracts/cache/',
      '**/*.js',
      '**/*.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Indices in numeric kernels are bounded by the loops around them; a branch per element would be the price.
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in libs/config alone.' },
      ],
    },
  },
  { files: ['**/*.spec.ts', 'bench/**', 'bin/**'], rules: { 'no-console': 'off' } },
  {
    files: [
      'libs/config/src/environment.ts',
      '**/*.spec.ts',
      '**/*.fixture.ts',
      'test/**',
      'bench/**',
      'bin/**',
      'contracts/*.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // Nest's modules are classes that only carry a decorator.
    files: ['apps/*/src/*.module.ts', 'libs/service/**'],
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
