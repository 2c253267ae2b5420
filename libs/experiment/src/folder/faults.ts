import { Fault } from '#libs/fault';

/** What is wrong with a run folder, by file and line. */
export function invalidFolder(file: string, line: number | undefined, problem: string): Fault {
  const place = line === undefined ? file : `${file}:${line}`;
  return new Fault('RUN_FOLDER_INVALID', `${place} ${problem}`, {
    facts: { file, ...(line === undefined ? {} : { line }) },
    hint: 'The folder is damaged, was changed, or is of another version of the product; a run that was killed leaves a readable one.',
  });
}
