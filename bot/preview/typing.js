// How one types on simcord's page: Enter sends every form, nothing that is typed or picked is lost, "@" completes,
// and a command that was sent as text and not understood is answered.
"use strict";
(() => {
  const LOOK = 30; // Milliseconds between looks at whether an action is over.
  const form = document.getElementById("channel-composer");
  const input = document.getElementById("channel-composer-input");
  const send = document.getElementById("send-message"); // Disabled as long as simcord would drop what is sent.
  const dialogs = document.getElementById("modal-root");
  const timeline = document.getElementById("channel-timeline");
  const held = []; // Keys that came while an action was under way.
  let waiting = false;
  let sent = false;
  let chosen = false; // Whether the arrow keys were used in a command's list of options.
  const described = () => window.playground || { alone: [], bot: "" }; // By playground.js.

  const notice = Object.assign(document.createElement("p"), { id: "playground-notice", hidden: true });
  notice.setAttribute("role", "alert");
  form.prepend(notice);
  const mentions = Object.assign(document.createElement("div"), { id: "playground-mentions", hidden: true });
  mentions.setAttribute("role", "listbox");
  mentions.setAttribute("aria-label", "People");
  form.append(mentions);

  const editable = (target) => target.matches?.("input:not([readonly]), textarea, select, [contenteditable]");
  const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

  function field() {
    const active = document.activeElement;
    if (form.contains(active) && editable(active)) return active;
    const other = form.querySelector(".command-row input.command-option-input, .command-chip") || input;
    other.focus();
    return other;
  }

  function insert(key) {
    let target = field();
    if (target.matches(".command-chip")) {
      firstOption(target);
      target = field();
      if (!editable(target)) return;
    }
    const [start, end] = [target.selectionStart, target.selectionEnd];
    if (key === "Backspace") target.setRangeText("", Math.max(0, start === end ? start - 1 : start), end, "end");
    else target.setRangeText(key, start, end, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A command without required options has nothing to type into: its first option is what is meant.
  function firstOption(chip) {
    if (!form.querySelector(".command-popup:not([hidden]) .command-suggestion")) chip.click();
    form.querySelector(".command-popup:not([hidden]) .command-suggestion")?.click();
  }

  function enter(target) {
    if (mentions.hidden === false) return complete();
    const browsing = form.querySelector(".command-popup.is-browsing")?.hidden === false;
    if (target === input && browsing && described().alone.includes(input.value.trim().slice(1))) press(target, "Escape");
    if (target.matches(".command-chip") && !chosen) press(target, "Escape");
    press(target, "Enter");
  }

  function wait() {
    if (waiting) return;
    waiting = true;
    const look = () => {
      if (send.disabled) return setTimeout(look, LOOK);
      waiting = false;
      if (sent) tell(window.simcordPreview.lastAction?.notice);
      sent = false;
      while (held.length && !send.disabled) {
        const key = held.shift();
        if (key === "Enter") enter(field()); else insert(key);
      }
      if (held.length || send.disabled) wait();
    };
    setTimeout(look, LOOK);
  }

  function tell(text) {
    notice.textContent = text || "";
    notice.hidden = !text;
  }

  function offer() {
    const typed = /(?:^|\s)@(\w*)$/.exec(input.value.slice(0, input.selectionStart))?.[1]?.toLowerCase();
    const found = typed === undefined ? [] : [described().bot].filter((name) =>
      name.toLowerCase().startsWith(typed) && name.toLowerCase() !== typed);
    mentions.replaceChildren(...found.map((name) => {
      const item = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1, textContent: `@${name}` });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "true");
      item.addEventListener("click", complete);
      return item;
    }));
    mentions.hidden = !found.length;
  }

  function complete() {
    const end = input.selectionStart;
    const start = input.value.slice(0, end).lastIndexOf("@");
    input.setRangeText(`${mentions.firstElementChild.textContent} `, start, end, "end");
    mentions.hidden = true;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Enter in a field of a dialog sends it, as soon as the page takes it.
  function submit() {
    const button = dialogs.querySelector("form button[type=submit]");
    if (!button) return;
    if (button.disabled || send.disabled) setTimeout(submit, LOOK);
    else button.form.requestSubmit(button);
  }

  function onKey(event) {
    const { key, target } = event;
    if (!event.isTrusted || event.isComposing) return;
    const stop = () => { event.preventDefault(); event.stopPropagation(); };
    const isEnter = key === "Enter" && !event.shiftKey;
    const held_down = event.ctrlKey || event.metaKey;
    if (!dialogs.hidden) {
      // A field of several lines takes Enter as a new line.
      if (isEnter && target.matches(held_down ? ".modal-input" : "input.modal-input")) { stop(); submit(); }
      return;
    }
    if (held_down || event.altKey) return;
    const ours = form.contains(target) || target === document.body;
    const types = key.length === 1 || key === "Backspace";
    if (form.hidden || (editable(target) && !ours)) return;
    if (!mentions.hidden && target === input) {
      if (isEnter || key === "Tab") { stop(); return complete(); }
      if (key === "Escape") { stop(); mentions.hidden = true; return; }
    }
    // What was held comes first, in the order in which it was typed.
    const lost = isEnter || !editable(target) || sent;
    if (ours && (types || isEnter) && (held.length || (send.disabled && lost))) {
      stop();
      held.push(key);
      return wait();
    }
    if (target.matches(".command-chip")) {
      if (key.startsWith("Arrow")) chosen = true;
      else if (isEnter) { stop(); enter(target); }
      else if (key === " ") stop(); // The space behind a command that was just picked.
      else if (key.length === 1) { firstOption(target); chosen = false; }
    } else if (isEnter && target === input) {
      stop(); enter(target);
    } else if (key.length === 1 && key !== " " && !editable(target)) field();
  }

  // The newest stays in sight while it grows, also by a picture that comes late, until somebody scrolls away from it.
  const isAtEnd = () => timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 2;
  const toEnd = () => { timeline.scrollTop = timeline.scrollHeight; };
  let follows = true; // A page that is opened is at the newest message.
  const leave = (event) => { if (event.type !== "pointerdown" || event.target === timeline) follows = false; };
  for (const kind of ["wheel", "touchmove", "pointerdown"]) timeline.addEventListener(kind, leave, { passive: true });
  timeline.addEventListener("scroll", () => { follows ||= isAtEnd(); }, { passive: true });
  new ResizeObserver(() => { if (follows) toEnd(); }).observe(document.getElementById("channel-message-list"));

  // What comes of a press stands below all messages.
  timeline.addEventListener("click", ({ target }) => { if (target.closest("[data-message-id] button")) follows = true; });

  // An option picked while an action is under way is picked when it is over; simcord would ask to pick it again.
  function holdOption(event) {
    const option = event.target.closest(".select-option");
    const isBusy = () => {
      const { pendingAction, awaitingRevision, publishedRevision } = window.simcordPreview;
      return Boolean(pendingAction) || awaitingRevision > publishedRevision;
    };
    if (!option || !isBusy()) return;
    event.preventDefault();
    event.stopPropagation();
    const pick = () => { if (isBusy()) setTimeout(pick, LOOK); else document.getElementById(option.id)?.click(); };
    setTimeout(pick, LOOK);
  }

  document.addEventListener("click", holdOption, true);
  document.addEventListener("keydown", onKey, true);
  // A dialog opens at its first field, not at the cross that throws away what is typed.
  dialogs.addEventListener("focusin", ({ target, relatedTarget }) => {
    if (target.matches(".modal-close") && !dialogs.contains(relatedTarget)) dialogs.querySelector(".modal-body :is(input, textarea)")?.focus();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    tell("");
    sent = true;
    follows = true; // Whoever sends something looks at what comes of it.
    toEnd();
    wait();
  }, true);
  input.addEventListener("input", () => { tell(""); offer(); });
  input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input) mentions.hidden = true; }, 200));
})();
