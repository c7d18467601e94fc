// What the server wants to know of this browser must be in its storage before the app starts. It stands in the page
// itself (frame.py): the browser's calendars and zones take a moment to load, which so passes while the app is fetched.
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
    const format = new Intl.DateTimeFormat(navigator.language, { month: "long", day: "numeric", hour: "numeric" });
    localStorage.setItem("singleuse_browser_time_zone", format.resolvedOptions().timeZone ?? "");
    localStorage.setItem("singleuse_conventions", conventions(format, navigator.language));
    localStorage.setItem("singleuse_locale", navigator.language);
  } catch {
    // Storage is blocked: the page works without it, it only cannot recognise this browser again.
  }

  // How people who speak this language write times and days, such as "12 month 7": the hours of a clock, what of a date
  // comes first, and the first day of a week (Monday is 1).
  function conventions(format, language) {
    const first = format.formatToParts().find((part) => part.type === "month" || part.type === "day");
    const locale = new Intl.Locale(language);
    const week = locale.getWeekInfo?.() ?? locale.weekInfo;
    return `${format.resolvedOptions().hour12 ? 12 : 24} ${first.type} ${week?.firstDay ?? (language === "en-US" ? 7 : 1)}`;
  }
}
