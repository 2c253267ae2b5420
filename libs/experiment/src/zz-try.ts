import { loadRunFile, checkPlan } from './index.ts';
const l = await loadRunFile(process.argv[2]!, process.argv.slice(3));
const t = performance.now();
console.log(await checkPlan(l.plan, l.folder), performance.now() - t);
