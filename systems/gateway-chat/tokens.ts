// Tokens for secure mode. Somebody else issues them: here the verifier does, with the server's secret
// (ROLLCALL_JWT_SECRET), or the one that our own server has where nobody gave it another.

import { SignJWT } from "jose";
import { demoSecret } from "./wire.ts";

const tokenSeconds = 24 * 60 * 60;

export const tokenOf = (userId: string): Promise<string> =>
  new SignJWT({ nickname: userId, role: "USER" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(`${tokenSeconds}s`)
    .sign(new TextEncoder().encode(process.env["ROLLCALL_JWT_SECRET"] ?? demoSecret));
