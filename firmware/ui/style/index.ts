import './tokens.css';
import './base.css';
import './shell.css';
import './tables.css';
import './parts.css';
import './pages.css';
import './narrow.css';
