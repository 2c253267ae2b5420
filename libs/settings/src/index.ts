export { type Layer, type Merged, mergeLayers, type Origin } from './layers.ts';
export { allOrigins, layerOfFile, placeOf, withFallbacks } from './origins.ts';
export { type Finding, findingsOf, type Problem, shown, unknownKey } from './problems.ts';
export { Problems } from './problem-list.ts';
export { sectionsOf } from './sections.ts';
export {
  type Alternatives,
  alternativesOf,
  childOf,
  fieldsOf,
  formOf,
  isMapping,
  opened,
  type Path,
  pathText,
  type Schema,
} from './shape.ts';
export { type Position, type Reading, readYaml } from './yaml.ts';
export { jsonSchemaOf } from './json-schema.ts';
export { alternativeTable, code, keyTable, omit, table, withTables } from './tables.ts';
