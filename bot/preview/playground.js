// Adds to simcord's page what it lacks: a channel list, and message context menus ("Apps").
"use strict";
(async () => {
  const capability = location.hash.slice(1);
  const headers = () => ({
    "X-Simcord-Capability": capability,
    "X-Simcord-Context": window.simcordPreview?.contextId || "",
  });
  const response = await fetch("/api/playground", { headers: headers() });
  if (!response.ok) return;
  const { rooms, apps } = await response.json();

  const nav = document.createElement("nav");
  nav.id = "playground-rooms";
  nav.setAttribute("aria-label", "Channels");
  nav.append(Object.assign(document.createElement("h2"), { textContent: "Channels" }));
  for (const room of rooms) {
    const link = Object.assign(document.createElement("a"), { href: `#${room.hash}`, textContent: room.title });
    if (room.hash === capability) link.setAttribute("aria-current", "page");
    nav.append(link);
  }
  document.getElementById("messages-sidebar").prepend(nav);
  document.title = `${rooms.find((room) => room.hash === capability)?.title || ""} – playground`;

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
    menu.replaceChildren(...apps.map((name) => {
      const item = Object.assign(document.createElement("button"), { type: "button", textContent: name });
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
