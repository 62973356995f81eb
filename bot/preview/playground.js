// Adds to simcord's page what it lacks: a channel list, message context menus ("Apps"), and to be the same person
// in every room of a tab. It runs before simcord's own script. How one types is in typing.js.
"use strict";
(async () => {
  // Without a room the server chooses: the last one, or the first.
  if (!location.hash) return location.replace("/enter/again");

  // Whoever one is stays through channels and reload: simcord's page asks for its first viewer, always.
  const VIEWER = "quillmate-viewer";
  const ask = window.fetch.bind(window);
  window.fetch = async (path, options) => {
    if (path !== "/api/pages") return ask(path, options);
    const response = await ask(path, { ...options, body: JSON.stringify({ viewer_id: sessionStorage.getItem(VIEWER) }) });
    if (response.ok) sessionStorage.setItem(VIEWER, (await response.clone().json()).viewerId);
    return response;
  };
  const picker = document.getElementById("viewer-picker");
  picker.addEventListener("change", () => sessionStorage.setItem(VIEWER, picker.value));

  // What only developers want is under More.
  const more = document.querySelector(".session-menu-popover");
  const list = Object.assign(document.createElement("button"), { type: "button", textContent: "List of messages" });
  list.addEventListener("click", () => document.body.classList.toggle("playground-list"));
  more.prepend(list, ...["refresh", "capture-open", "inspector-toggle"].map((id) => document.getElementById(id)));
  const tools = Object.assign(document.createElement("aside"), { id: "playground-list", ariaLabel: "List of messages" });
  tools.append(...document.getElementById("messages-sidebar").children);
  document.getElementById("preview-stage").after(tools);
  document.addEventListener("click", (event) => {
    const menu = more.parentElement;
    if (!menu.contains(event.target) || more.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") more.parentElement.open = false; });

  // Of what simcord says about its own work, only what is wrong.
  const status = document.getElementById("action-status");
  const told = [
    [/interrupted/i, "Connection lost. Trying again…"],
    [/ended|closed|unavailable/i, "The playground has ended. Start it again in the terminal."],
    [/not completed|uncertain/i, "That did not work. Try again."],
  ];
  new MutationObserver(() => {
    // What typing.js says above the composer is not said twice.
    const said = (!window.simcordPreview?.lastAction?.notice && told.find(([pattern]) => pattern.test(status.textContent))?.[1]) || "";
    if (status.dataset.said !== said) status.dataset.said = said;
  }).observe(status, { childList: true, characterData: true, subtree: true });

  const capability = location.hash.slice(1);
  const headers = () => ({
    "X-Simcord-Capability": capability,
    "X-Simcord-Context": window.simcordPreview?.contextId || "",
  });
  const response = await ask("/api/playground", { headers: headers() });
  if (!response.ok) return;
  window.playground = await response.json();
  const { rooms, apps } = window.playground;

  const nav = document.createElement("nav");
  nav.id = "playground-rooms";
  nav.setAttribute("aria-label", "Channels");
  nav.append(Object.assign(document.createElement("h2"), { textContent: "Channels" }));
  const link = (room) => {
    const made = Object.assign(document.createElement("a"), { href: `#${room.hash}`, textContent: room.title });
    if (room.hash === capability) made.setAttribute("aria-current", "page");
    return made;
  };
  nav.append(...rooms.map(link));
  // Copy copies, in the page: what it answers with is on the clipboard as well.
  const COPY_MILLISECONDS = 4000; // For so long a browser lets a page copy after a press.
  let pressed = 0;
  const messages = document.getElementById("channel-message-list");
  messages.addEventListener("click", ({ target }) => {
    if (target.closest("button")?.textContent.trim().endsWith("Copy")) pressed = Date.now();
  }, true);
  new MutationObserver((changes) => {
    if (Date.now() - pressed > COPY_MILLISECONDS) return;
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((one) => one.matches?.("[data-message-id]"));
    const text = added.at(-1)?.querySelector(".code-block, .message-content")?.innerText;
    if (text) navigator.clipboard?.writeText(text).then(() => { pressed = 0; }, () => {});
  }).observe(messages, { childList: true });

  // Who writes, and a way to choose another.
  const writer = Object.assign(document.createElement("button"), { id: "playground-writer", type: "button", title: "Choose another model" });
  const name = (found) => { writer.textContent = `${found.writer} ▾`; writer.hidden = !found.writer; };
  name(window.playground);
  writer.addEventListener("click", () => fetch("/api/playground/model", { method: "POST", headers: headers() }));
  document.querySelector(".session-menu").before(writer);
  // A thread that is opened is a room as well.
  setInterval(async () => {
    const found = await ask("/api/playground", { headers: headers() }).then((one) => one.ok && one.json()).catch(() => null);
    if (found) name(found);
    if (found) nav.append(...found.rooms.slice(nav.querySelectorAll("a").length).map(link));
  }, 4000);
  document.getElementById("messages-sidebar").prepend(nav);
  document.title = `${rooms.find((room) => room.hash === capability)?.title || ""} – Quillmate`;

  if (!apps.length) return;
  const menu = document.createElement("div");
  menu.id = "playground-apps";
  menu.hidden = true;
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", "Apps");
  document.body.append(menu);
  const close = () => { menu.hidden = true; };
  document.addEventListener("click", close);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  document.addEventListener("contextmenu", (event) => {
    const message = event.target.closest?.("#channel-message-list [data-message-id]");
    if (!message) return close();
    event.preventDefault();
    menu.replaceChildren(...apps.map(({ name, label }) => {
      const item = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      item.setAttribute("role", "menuitem");
      item.addEventListener("click", () => fetch("/api/playground/apps", {
        method: "POST",
        headers: { ...headers(), "Content-Type": "application/json" },
        body: JSON.stringify({ command: name, message_id: message.dataset.messageId }),
      }));
      return item;
    }));
    menu.hidden = false;
    menu.style.left = `${Math.min(event.clientX, innerWidth - 200)}px`;
    menu.style.top = `${Math.min(event.clientY, innerHeight - 44 * apps.length - 20)}px`;
    menu.firstElementChild.focus();
  });
})();
