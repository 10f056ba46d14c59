import { createHash } from 'node:crypto';
import type { ResponseHead } from './response-parser.ts';

const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Whether a 101 really answers this handshake (RFC 6455, 4.1). An upstream that does not know WebSocket can't compute
 * the accept value, so bytes never pass to one that still reads HTTP (Pingora CVE-2026-2833).
 */
export function switchesToWebsocket(head: ResponseHead, key: string): boolean {
  const accept = createHash('sha1')
    .update(key + handshakeGuid)
    .digest('base64');
  return head.upgrade === 'websocket' && head.websocketAccept === accept;
}
