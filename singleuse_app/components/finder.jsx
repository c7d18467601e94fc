import { useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useNavigate, useNavigation } from "react-router";

const PAUSE_MS = 250; // whoever types is not done with every letter

const plain = (path) => path.replace(/(.)\/$/, "$1"); // a page that was loaded may have a slash at its end

/**
 * A form whose fields stand in the page's address. It leads there itself: an address that the server sent back would
 * come when somebody may have gone to another page, and fetch them from there.
 */
export function Finder({ children, className }) {
  const place = useRef(null);
  const typing = useRef(null);
  const typed = useRef([]); // the texts that came from the field and not from elsewhere, the newest last
  const here = useLocation();
  const next = useNavigation().location;
  const navigate = useNavigate();
  const lead = useRef(null);
  lead.current = (name, value) => {
    if (next && plain(next.pathname) !== plain(here.pathname)) return;
    const asked = new URLSearchParams((next ?? here).search);
    asked.delete("page");
    if (value) asked.set(name, value);
    else asked.delete(name);
    navigate({ pathname: plain(here.pathname), search: asked.toString() }, { replace: true });
  };
  useLayoutEffect(() => () => clearTimeout(typing.current), []); // before anybody can come in between
  useEffect(() => {
    const text = new URLSearchParams(here.search).get("q") ?? "";
    const known = typed.current.indexOf(text);
    if (known >= 0) return void typed.current.splice(0, known); // whoever types is further on already
    clearTimeout(typing.current);
    typed.current = [text];
    place.current.elements.q.value = text;
  }, [here.search]);

  const find = () => {
    clearTimeout(typing.current);
    if (!place.current) return; // the page is gone
    const text = place.current.elements.q.value;
    if (typed.current.at(-1) === text) return;
    typed.current.push(text);
    lead.current("q", text);
  };
  const onChange = ({ target }) => {
    if (target.name !== "q") return lead.current(target.name, target.value);
    clearTimeout(typing.current);
    typing.current = setTimeout(find, PAUSE_MS);
  };
  const onSubmit = (event) => {
    event.preventDefault();
    find();
  };
  return (
    <form ref={place} role="search" className={className} onChange={onChange} onSubmit={onSubmit}>
      {children}
    </form>
  );
}
