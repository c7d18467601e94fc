import { useEffect, useRef, useState } from "react";

/**
 * What can only be seen later. It is drawn when it is due, and from then on stays, seen or not; and before, out of
 * sight, as soon as the browser has nothing better to do while the page waits for the server.
 */
export function Later({ isDue, isWaiting, children }) {
  const wasDue = useRef(false);
  const [isIdle, beIdle] = useState(false);
  useEffect(() => {
    const request = window.requestIdleCallback?.(() => beIdle(true));
    return () => window.cancelIdleCallback?.(request);
  }, []);
  wasDue.current ||= isDue;
  return wasDue.current || (isIdle && isWaiting) ? children : null;
}
