mod archive;
mod segments;
mod updates;
