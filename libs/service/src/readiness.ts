/** How far a process is. */
export class Readiness {
  stage: 'starting' | 'reading the chain' | 'catching up' | 'taking part' | 'ending' = 'starting';
}
