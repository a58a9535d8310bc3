// Runs in a machine's network namespace and nowhere else of it: leads connections from a unix socket on the host to the machine's loopback ports.
// The caller writes "<port>\n" and is answered "+" or "-". Asked for a way out, it also answers on an address that stands for the internet.
import net from "node:net";

const [path, internet] = process.argv.slice(2);

const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
  near.on("error", () => near.destroy());
  let head = "";
  const read = () => {
    for (let byte = near.read(1); byte !== null; byte = near.read(1)) {
      if (byte[0] !== 10) {
        head += byte.toString("latin1");
        continue;
      }
      near.off("readable", read);
      lead(near, Number(head));
      return;
    }
  };
  near.on("readable", read);
});

/** @param {net.Socket} near @param {number} port */
function lead(near, port) {
  const far = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  far.once("connect", () => {
    near.write("+");
    near.pipe(far).pipe(near);
  });
  far.on("error", () => {
    if (far.connecting || !near.writableEnded) near.end("-");
  });
  far.once("close", () => near.destroySoon());
  near.once("close", () => far.destroy());
}

server.listen(path, () => process.stdout.write("ready\n"));
if (internet !== undefined && internet !== "") {
  const answer = net.createServer((socket) => socket.on("error", () => socket.destroy()).end("hello\n"));
  answer.listen(443, internet);
}
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
