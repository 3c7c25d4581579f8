/** What is said about the certificate that a server shows. */

import type { PeerCertificate } from 'node:tls';
import { ProbeFailure, printable } from '../failure.js';

const day = 86_400_000;

/** Throws a ProbeFailure where a certificate is valid for fewer than `minDays` days from `now`, in milliseconds. */
export function judgeValidity(certificate: PeerCertificate, minDays: number, now: number): void {
  const end = Date.parse(certificate.valid_to);
  if (Number.isNaN(end)) throw new ProbeFailure('tls', 'the server shows no certificate');
  const left = Math.floor((end - now) / day);
  const asked = `${minDays} days are asked for`;
  if (end < now) throw new ProbeFailure('tls', `the certificate expired on ${dateOf(end)}, ${asked}`);
  if (left < minDays) {
    throw new ProbeFailure('tls', `the certificate is valid for ${left} more days, until ${dateOf(end)}; ${asked}`);
  }
}

/** Why a certificate is not accepted, by the code of the verification (X509_verify_cert_error_string(3)). */
export function distrustOf(code: string, certificate: PeerCertificate, servername: string | null): ProbeFailure {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = printable(
      (certificate.subjectaltname ?? `CN:${certificate.subject?.CN ?? ''}`).replaceAll('DNS:', ''),
    );
    return new ProbeFailure('tls', `the certificate is for ${names}, not for ${printable(servername ?? '')} (${code})`);
  }
  const end = Date.parse(certificate.valid_to);
  if (code === 'CERT_HAS_EXPIRED' && end < Date.now()) {
    return new ProbeFailure('tls', `the certificate expired on ${dateOf(end)} (${code})`);
  }
  return new ProbeFailure('tls', `${causes[code] ?? 'the certificate is not accepted'} (${code})`);
}

const causes: Readonly<Record<string, string>> = {
  // Of an authority: the server's own was judged above.
  CERT_HAS_EXPIRED: 'a certificate in the chain has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is from an unknown authority',
  CERT_SIGNATURE_FAILURE: 'the certificate has a wrong signature',
  CERT_CHAIN_TOO_LONG: 'the chain of certificates is too long',
  INVALID_CA: 'a certificate in the chain is not that of an authority',
  INVALID_PURPOSE: 'the certificate is not one for servers',
  CERT_REJECTED: 'the certificate is rejected',
  CERT_UNTRUSTED: 'the certificate is not trusted',
};

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
