import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, as PEM texts. */
export interface KeyedCertificate {
  readonly cert: string;
  /** Secret. */
  readonly key: string;
}

/** Signs the certificates of a consortium's servers, and of nodes where servers ask for them. */
export type Authority = KeyedCertificate;

export interface Validity {
  readonly from?: Date;
  readonly days?: number;
}

export interface CertificateOptions extends Validity {
  /** Of the server or the node, for the reader. */
  readonly name: string;
  /** Host names and IP addresses under which the server is reached. */
  readonly hosts?: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const pkcs8 = 'PRIVATE KEY';

/** A new authority; ten years unless it is told otherwise. */
export async function createAuthority(name: string, validity: Validity = {}): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    ...span(validity, 3_650),
    keys,
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return keyed(certificate, keys.privateKey);
}

/** A certificate for a server or a node, or both: servers of a cluster are each other's clients. One year by default. */
export async function issueCertificate(
  authority: Authority,
  { name, hosts = [], ...validity }: CertificateOptions,
): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: new X509Certificate(authority.cert).subject,
    ...span(validity, 365),
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority),
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      ...(hosts.length === 0
        ? []
        : [
            new SubjectAlternativeNameExtension(
              hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
            ),
          ]),
    ],
  });
  return keyed(certificate, keys.privateKey);
}

function span({ from, days }: Validity, usualDays: number): { notBefore: Date; notAfter: Date } {
  // A few minutes back, because clocks differ.
  const notBefore = from ?? new Date(Date.now() - 300_000);
  return { notBefore, notAfter: new Date(notBefore.getTime() + (days ?? usualDays) * dayMs) };
}

const signingKeyOf = ({ key }: Authority) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, false, ['sign']);

async function keyed(
  certificate: X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<KeyedCertificate> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return { cert: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(der, pkcs8)}\n` };
}
