export type { TrainerSetting, ValidatorSetting } from './setting.ts';
export { trainerConduct } from './trainer-conduct.ts';
export { backdoored } from './trainers/patch.ts';
export { validatorConduct } from './validator-conduct.ts';
