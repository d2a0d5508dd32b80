// Search also from a file: a browser gives a page that was opened from the disk no worker, so the worker's script runs in a
// hidden frame. The theme's search knows such a frame by the name IFrameWorker in its parent.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = async (...addresses) => {
        for (const one of addresses) await loaded(inside.document, one);
      };
      this.inside = inside;
      this.ready = loaded(inside.document, String(address));
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };

  const loaded = (page, address) =>
    new Promise((done, failed) => {
      const script = page.createElement("script");
      Object.assign(script, { src: address, onload: done, onerror: failed });
      page.head.append(script);
    });
}
