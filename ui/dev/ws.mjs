// A WebSocket server of the smallest kind, for the mock only: short text frames, no extensions.
import { createHash } from 'node:crypto';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export function accept(request, socket, onText) {
  const key = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + MAGIC)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  let held = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const frame = read(held);
      if (!frame) return;
      held = held.subarray(frame.size);
      if (frame.opcode === 8) return socket.end();
      if (frame.opcode === 1) onText(frame.text);
    }
  });
  socket.on('error', () => socket.destroy());
  return (text) => socket.writable && socket.write(write(text));
}

function read(buffer) {
  if (buffer.length < 2) return null;
  let length = buffer[1] & 127;
  let at = 2;
  if (length === 126) {
    if (buffer.length < 4) return null;
    length = buffer.readUInt16BE(2);
    at = 4;
  }
  const mask = buffer.subarray(at, at + 4);
  const size = at + 4 + length;
  if (buffer.length < size) return null;
  const text = Buffer.from(buffer.subarray(at + 4, size).map((b, i) => b ^ mask[i % 4])).toString();
  return { opcode: buffer[0] & 15, text, size };
}

function write(text) {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  if (body.length < 65536) {
    return Buffer.concat([Buffer.from([0x81, 126, body.length >> 8, body.length & 255]), body]);
  }
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}
