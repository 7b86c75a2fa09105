"""The stateful half: uploads, people, decisions and history, and the lanes that call the pure half."""
