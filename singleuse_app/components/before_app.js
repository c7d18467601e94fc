// What the server wants to know of this browser must be in its storage before the app starts. It stands in the page
// itself (frame.py). A browser's calendars take a moment to load, so it is asked for its zone without them where it can
// be, and how its language writes times is known to the server.
// The language is the page's own, as this browser's reader is used to it.
// The receipt is this browser's own proof of the bookings it makes: made once, never changed.
// The stylesheet asks data-browser whether scripts run, and whether somebody was here before, who may have booked.
{
  // A file to download or an address to write to makes browsers announce a departure that does not happen. The framework
  // would hang up and start the page anew, without what was typed. Who does leave is seen off by "pagehide".
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });

  const said = document.documentElement.dataset;
  said.browser = "new";
  try {
    if (!localStorage.getItem("singleuse_receipt")) {
      const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
      localStorage.setItem("singleuse_receipt", bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    } else {
      said.browser = "known";
    }
    const zone = globalThis.Temporal?.Now.timeZoneId() ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    localStorage.setItem("singleuse_browser_time_zone", zone ?? "");
    localStorage.setItem("singleuse_locale", navigator.language);
    sessionStorage.setItem("singleuse_language", document.documentElement.lang);
  } catch {
    // Storage is blocked: the page works without it, it only cannot recognise this browser again.
  }
}
