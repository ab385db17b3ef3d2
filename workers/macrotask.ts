/**
 * Waits for one macrotask, so that messages that have arrived are handled: on WASM a whole run can otherwise pass in
 * microtasks, and a cancel would wait for its end.
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
