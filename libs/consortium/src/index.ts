export { type Card, readCard, type MemberRole, memberRoles } from './card.ts';
export { renewCertificates } from './certificates.ts';
export { type ConsortiumFile, ConsortiumFolder } from './consortium-folder.ts';
export { type ControlFile, linkOptionsOf, readControlFile, signerOf } from './control-file.ts';
export { admit, createConsortium, type ConsortiumOptions, dismiss } from './create.ts';
export { createMember } from './member.ts';
export { natsUsersOf } from './nats-users.ts';
export { writeNodeFiles } from './node-files.ts';
