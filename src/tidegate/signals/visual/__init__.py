"""What the pictures show: nudity, objects, faces counted but never identified, and pictures hidden between others."""
