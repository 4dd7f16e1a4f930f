import { hash, randomBytes } from 'node:crypto';

/** A fresh identifier: URL-safe, 128 random bits by default. */
export const newId = (bits = 128): string => randomBytes(bits / 8).toString('base64url');

/**
 * SHA-256 as base64url. It is how a value of at least 128 random bits is kept without being kept:
 * nothing slower is needed where nothing can be guessed.
 */
export const digest = (value: string): string => hash('sha256', value, 'base64url');
