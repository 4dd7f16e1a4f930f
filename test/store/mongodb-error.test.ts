import { connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { asUnavailable } from '../../src/store/mongodb-error.ts';

test('an error of the socket itself means that the store does not answer', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const error = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').once('error', resolve);
    // Written until the system notices that nobody is there: EPIPE or ECONNRESET.
    const write = () => !socket.destroyed && socket.write('x', () => setImmediate(write));
    write();
    socket.once('end', write);
  });
  expect(asUnavailable(error)).toMatchObject({ code: 'unavailable', cause: error });
  await new Promise((resolve) => server.close(resolve));
});

// As Node words them without a system call; when a killed server meets which of them is a matter of
// milliseconds, which test/store/mongodb-outage.test.ts leaves to chance.
test.each([
  ['EPIPE', 'This socket has been ended by the other party'],
  ['ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'],
  ['ERR_SOCKET_CLOSED', 'Socket is closed'],
])('so does %s, which Node itself says of a socket that has ended', (code, message) => {
  const error = Object.assign(new Error(message), { code });
  expect(asUnavailable(error)).toMatchObject({ code: 'unavailable', cause: error });
});

test('an error of the caller stays what it is', () => {
  const error = new TypeError('a limit is a whole number');
  expect(asUnavailable(error)).toBe(error);
});
